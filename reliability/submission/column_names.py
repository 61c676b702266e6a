"""What the name and the values of a column suggest, in Korean and English: patterns only."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from reliability.blocks import Label

NHRCK = "nhrck_2_3"  # National Human Rights Commission of Korea Act, article 2 (3)
PIPA = "pipa_23"  # Personal Information Protection Act, article 23


@dataclass(frozen=True, kw_only=True)
class Ground:
    """A ground on which people must not be treated unequally: its name, words for it, legal source."""

    name: str
    korean: str
    english: str
    source: str = NHRCK


GROUNDS = (
    Ground(name="sex", korean="성별|남녀", english="sex gender female male"),
    Ground(name="age", korean="나이|연령|만나이|생년|출생연도", english="age birth birthdate dob birthyear"),
    Ground(
        name="nationality",
        korean="국적|출신국|외국인|내외국인",
        english="nationality citizenship foreign foreigner native",
    ),
    Ground(name="race", korean="인종|민족|피부색", english="race ethnicity ethnic afam black hispanic"),
    Ground(name="disability", korean="장애", english="disability disabled handicap"),
    Ground(name="religion", korean="종교", english="religion"),
    Ground(name="marital_status", korean="혼인|결혼|기혼|미혼", english="marital married marriage"),
    Ground(name="education", korean="학력|최종학교", english="education"),
    Ground(name="residence", korean="거주지|주거지|출신지|본적|지역$", english="residence birthplace"),
    Ground(name="pregnancy", korean="임신|출산", english="pregnant pregnancy maternity"),
    Ground(name="family", korean="가족형태|가족상황|부양가족", english="family dependents"),
    Ground(name="health", korean="병력|질병", english="disease illness"),
    Ground(name="union", korean="노조|노동조합|정당", english="union", source=PIPA),
)
PERSONAL_VALUES: Mapping[str, re.Pattern[str]] = {
    "resident_number": re.compile(r"\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])-?[1-8]\d{6}"),
    "mobile": re.compile(r"(\+82[- ]?1|01)[016789][- ]?\d{3,4}[- ]?\d{4}"),
    "email": re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+"),
    "business_number": re.compile(r"\d{3}-\d{2}-\d{5}"),
}
MOSTLY = 0.5
# Outcomes only at the end of a name: a history of credits, or a share of the income, is none.
_OUTCOME_AT_END = re.compile(r"(^|[^a-z])(income|credit)$")

_KOREAN_NAMED = {
    "good": re.compile(r"승인|합격|선발|채용|통과|적격|수료|가입승낙"),
    "bad": re.compile(r"연체|불량|이탈|부도|사기|거절|탈락|해지|위험|부실|미납"),
    "target": re.compile(r"승인|연체|합격|불량|이탈|여부|부도|사기|결과|판정|선발|채용|정답|라벨|등급"),
    "prediction": re.compile(r"예측|모델판정|모형판정"),
    "score": re.compile(r"확률|점수|스코어"),
    "id": re.compile(r"번호$|아이디|식별자|일련|순번|코드$|ID$"),
    "entity": re.compile(r"가구|세대|고객|환자|사업자|학생"),
    "person": re.compile(r"^(이름|성명)|주소|전화|휴대폰|연락처|이메일|주민"),
}
_ENGLISH_NAMED: Mapping[str, frozenset[str]] = {
    part: frozenset(words.split())
    for part, words in {
        "good": "approved approval accepted granted hired passed pass admitted promoted promotion selected success",
        "bad": "default defaulted bad churn churned fraud deny denied rejected risk delinquent arrears recidivism",
        "target": """target label class y outcome approved approval default defaulted churn fraud deny denied
            accepted granted hired passed admitted promoted promotion result""",
        "prediction": "pred prediction predicted yhat predict",
        "score": "score proba prob probability scores",
        "id": "id uuid key idx index no number",
        "entity": "household family customer client patient user student",
        "person": "name email phone mobile address surname firstname lastname ssn rrn",
    }.items()
}
_GOOD_VALUES = frozenset(
    """승인 합격 정상 통과 적격 선발 채용 양호 우량 유지 approved accepted approve accept granted good pass passed
    hired selected admitted paid""".split()
)
_BAD_VALUES = frozenset(
    """거절 불합격 연체 불량 부적격 탈락 부도 이탈 사기 rejected reject denied deny declined bad fail failed default
    churned charged""".split()
)
_YES = frozenset("1 true yes y 예 여 o t".split())
_NO = frozenset("0 false no n 아니오 아니요 부 x f".split())


def suggests(part: str, name: str) -> bool:
    """Whether the name of a column suggests that it plays a part."""
    name = unicodedata.normalize("NFC", name)
    if part == "target" and _OUTCOME_AT_END.search(_parted(name)):
        return True
    return bool(_KOREAN_NAMED[part].search(name)) or bool(_ENGLISH_NAMED[part] & words_of(name))


def words_of(name: str) -> set[str]:
    """Lower-case English words in a column's name, however they are joined."""
    return set(re.findall(r"[a-z]+", _parted(name)))


def _parted(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).lower()


def ground_of(name: str) -> Ground | None:
    """The ground of discrimination that a column's name speaks of, if any."""
    name = unicodedata.normalize("NFC", name)
    english = words_of(name)
    return next((each for each in GROUNDS if re.search(each.korean, name) or english & set(each.english.split())), None)


def personal(values: Iterable[Label | None]) -> str | None:
    """The kind of personal data that most values are written like, if any."""
    texts = [str(value).strip() for value in values if value is not None]
    for kind, pattern in PERSONAL_VALUES.items():
        if texts and sum(bool(pattern.fullmatch(text)) for text in texts) > MOSTLY * len(texts):
            return kind
    return None


def favourable(name: str, values: Iterable[Label]) -> tuple[Label, str] | None:
    """The value that looks good for the person, and why; None where nothing tells."""
    spelt = {_spelt(value): value for value in values}
    for word, value in spelt.items():
        if word in _GOOD_VALUES:
            return value, "favourable_word"
    if len(spelt) == 2 and (bad := next((word for word in spelt if word in _BAD_VALUES), None)):
        return next(value for word, value in spelt.items() if word != bad), "favourable_other"
    # "bad" before "good": an approval that was revoked, a default that was granted.
    for part, wanted in (("bad", _NO), ("good", _YES)):
        found = next((value for word, value in spelt.items() if word in wanted), None)
        if suggests(part, name) and found is not None:
            return found, f"favourable_{part}_name"
    return None


def affirmative(values: Iterable[Label]) -> Label | None:
    """The value that says yes, if one does."""
    return next((value for value in values if _spelt(value) in _YES), None)


def _spelt(value: Label) -> str:
    number = isinstance(value, float) and value.is_integer()
    return str(int(value) if number else value).strip().lower()
