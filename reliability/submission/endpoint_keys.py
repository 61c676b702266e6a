"""Keys of a model that is an HTTP endpoint: where it is asked, how, and how its answers are read."""

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictFloat, StrictInt, StrictStr, StringConstraints
from pydantic import model_validator as checked_as_a_whole
from pydantic_core import PydanticCustomError

from reliability.formats.endpoint import read_address
from reliability.formats.unreadable import UnreadableError
from reliability.submission.meaning import meaning

Named: TypeAlias = Annotated[StrictStr, Field(min_length=1, max_length=1_000)]
Seconds: TypeAlias = Annotated[StrictInt | StrictFloat, Field(ge=0.01, le=3_600, allow_inf_nan=False)]
# Not just any variable: a manifest would have others of the evaluator's sent to its endpoint.
Variable: TypeAlias = Annotated[StrictStr, StringConstraints(pattern=r"^RELIABILITY_[A-Z0-9_]{1,80}$")]
Header: TypeAlias = Annotated[StrictStr, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9-]{0,63}$")]

AUTHORIZATION = "Authorization"
_OURS = frozenset({"host", "connection", "content-length", "content-type", "transfer-encoding", "accept-encoding"})
_URL = {
    "scheme": ("endpoint_url_scheme", "must begin with https:// or http://"),
    "credentials": ("endpoint_url_credentials", "holds a user name or a password; leave them out and give token_file"),
    "secret": ("endpoint_url_secret", "has a key or token in its query; leave it out and give token_file"),
    "unreadable": ("endpoint_url_unreadable", "is no address; write https://HOST/PATH, percent-encoded"),
}


class Outputs(BaseModel):
    """Where an endpoint's answers stand: labels (or values), and probabilities by class."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    label: Named | None = None
    scores: Named | dict[StrictBool | StrictInt | StrictFloat | StrictStr, Named] | None = None


class EndpointKeys(BaseModel):
    """The keys of `model` that only an endpoint has a use for."""

    url: Annotated[StrictStr, Field(min_length=1, max_length=2_000)] | None = None
    protocol: Literal["mlflow", "kserve_v2"] | None = None
    token_file: Named | None = None
    token_env: Variable | None = None
    token_header: Header = AUTHORIZATION
    ca_file: Named | None = None
    batch: Annotated[StrictInt, Field(ge=1, le=1_000_000)] = 1_000
    rate: Annotated[StrictInt | StrictFloat, Field(gt=0, le=1_000_000, allow_inf_nan=False)] | None = None
    timeout: Seconds = 30
    retries: Annotated[StrictInt, Field(ge=0, le=10)] = 4
    outputs: Outputs = Outputs()
    tensor: Named | None = None

    @checked_as_a_whole(mode="after")
    def _address_can_be_asked(self) -> "EndpointKeys":
        if self.url is not None:
            try:
                read_address(self.url)
            except UnreadableError as error:
                code, message = _URL[str(error)]
                raise PydanticCustomError(code, message, {"at": "model.url"}) from None
        return self

    @checked_as_a_whole(mode="after")
    def _tensor_belongs_to_its_protocol(self) -> "EndpointKeys":
        if self.tensor is not None and self.protocol == "mlflow":
            raise PydanticCustomError(
                "tensor_without_kserve", "belongs to protocol kserve_v2; leave it out", {"at": "model.tensor"}
            )
        return self

    @checked_as_a_whole(mode="after")
    def _token_is_one(self) -> "EndpointKeys":
        if self.token_file is not None and self.token_env is not None:
            raise PydanticCustomError(
                "token_twice", "stands beside token_file; keep one of them", {"at": "model.token_env"}
            )
        if self.token_header.lower() in _OURS:
            raise PydanticCustomError(
                "token_header_taken", "is a header that every request has; name another", {"at": "model.token_header"}
            )
        return self


def endpoint_keys_given(part: EndpointKeys) -> tuple[str, ...]:
    """Those of the keys that the manifest has."""
    return tuple(key for key in EndpointKeys.model_fields if key in part.model_fields_set)


def scores_without_class(part: EndpointKeys, classes: tuple[Any, ...]) -> bool:
    """Whether scores are named by class, and neither by every declared one nor by one of two."""
    if not isinstance(part.outputs.scores, dict):
        return False
    named, known = {meaning(one) for one in part.outputs.scores}, {meaning(one) for one in classes}
    return not (named == known or (len(known) == 2 and len(named) == 1 and named < known))
