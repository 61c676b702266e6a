"""The commands of certification: each a step of a case, signed by who takes it."""

from collections.abc import Callable
from typing import Any

import click

from reliability.cli.groups import family
from reliability.cli.keys import JSON, with_passphrase
from reliability.cli.main import PATH, Spoken
from reliability.cli.texts import SAID

ROLES = ("evaluator", "reviewer", "decider", "registrar")
DECISIONS = ("grant", "conditional", "refuse", "return", "renew")
SEVERITIES = ("critical", "major", "minor")
REGISTER = click.option("--register", type=PATH, default="register", show_default=True, help="Folder of the register.")
KEY = click.option("--key", type=PATH, required=True, help="Your key's folder, as 'reliability keys' made it.")
CASE = click.argument("case", metavar="CASE|CERTIFICATE")
REASON = click.option("--reason", "reasons", multiple=True, type=SAID, help="A reason; repeatable.")
NOTE = click.option("--note", required=True, type=SAID, help="What was looked at, and what was found.")
EVIDENCE = click.option("--evidence", type=PATH, help="File that shows it; the register keeps it.")
STAMP = click.option("--stamp", metavar="URL", help="Time-stamp service (RFC 3161) outside the hub.")
RUN = click.option("--run", type=click.IntRange(1), help="Number of the run; the last that counts if not given.")
PAPERS = click.option("--out", type=PATH, required=True, help="Folder for the documents; must not exist.")
DOCUMENT_LANGUAGES = click.option(
    "--in", "langs", multiple=True, default=("ko",), show_default=True, type=click.Choice(["ko", "en"]),
    help="Language of the documents; repeatable.",
)  # fmt: skip


def step(command: Callable[..., Any]) -> Callable[..., Any]:
    """What every step needs: the register, a key, and where its pass phrase comes from."""
    for option in (JSON, with_passphrase, KEY, REGISTER):
        command = option(command)
    return command


def sealing(command: Callable[..., Any]) -> Callable[..., Any]:
    """What issuing and renewing need besides."""
    for option in (
        STAMP,
        DOCUMENT_LANGUAGES,
        click.option("--site", metavar="URL", required=True, help="Where the register is published, for QR codes."),
        click.option("--issuer", type=PATH, required=True, help="YAML file: name, address, logo of the hub."),
        click.option("--seal-passphrase-env", help="Environment variable that holds the seal's pass phrase."),
        click.option("--seal-passphrase-fd", type=int, help="File descriptor to read the seal's pass phrase from."),
        click.option("--seal", type=PATH, required=True, help="Folder of the hub's seal."),
        PAPERS,
    ):
        command = option(command)
    return command


@family("certify", "reliability certify open submission/ --scheme verification --applicant kim … --key keys/jung")
def certify_command() -> None:
    """Lead a case from application to certificate, step by step.

    Every step is an event, signed by who takes it and kept in a chain that only grows. In order: open, declare,
    accept, plan, test, review, decide, issue.
    """


@certify_command.command("roster", cls=Spoken, epilog="Example: reliability certify roster roster.yaml --ca ca/issuing")
@click.argument("file", type=PATH)
@click.option("--ca", type=PATH, required=True, help="Folder of the issuing authority.")
@REGISTER
@with_passphrase
@JSON
def certify_roster_command(**given: Any) -> None:
    """Sign who may act, in which role, with which certificate; the register's folder keeps it."""
    from reliability.cli.certify_steps import sign_roster

    sign_roster(**given)


@certify_command.command(
    "open", cls=Spoken,
    epilog="Example: reliability certify open submission/ --applicant kim --evaluator lee --reviewer park "
           "--decider choi --registrar jung --key keys/jung",
)  # fmt: skip
@click.argument("submission", type=PATH)
@click.option("--scheme", default="verification", show_default=True, help="A shipped scheme, or a file.")
@click.option("--applicant", multiple=True, required=True, help="Who acts for the applicant, as the roster has it.")
@click.option("--evaluator", multiple=True, required=True, help="Who tests; repeatable, as the others.")
@click.option("--reviewer", multiple=True, required=True, help="Who reviews.")
@click.option("--decider", multiple=True, required=True, help="Who decides.")
@click.option("--registrar", multiple=True, required=True, help="Who keeps the register: you.")
@click.option("--engagements", type=PATH, help="A further engagements.jsonl, besides the one in the register's folder.")
@step
def certify_open_command(**given: Any) -> None:
    """Take an application in; refused where somebody must not take the part."""
    from reliability.cli.certify_steps import open_case

    open_case(**given)


@certify_command.command(
    "declare", cls=Spoken, epilog="Example: reliability certify declare JJ-2026-0001 --role evaluator --key keys/lee"
)
@CASE
@click.option("--role", type=click.Choice(ROLES), required=True, help="Your part in the case.")
@click.option("--statement", type=SAID, help="Your own words; a plain declaration if not given.")
@step
def certify_declare_command(**given: Any) -> None:
    """Declare that no conflict of interest stands in your way."""
    from reliability.cli.certify_steps import declare

    declare(**given)


@certify_command.command("accept", cls=Spoken, epilog="Example: reliability certify accept JJ-2026-0001 --key keys/kim")
@CASE
@click.option("--agreement", metavar="SHA256", help="Digest of the agreement you have read; else it is shown.")
@click.option("--position", type=SAID, help="Your position in the applicant's organisation.")
@step
def certify_accept_command(**given: Any) -> None:
    """Accept the scheme's agreement for the applicant."""
    from reliability.cli.certify_steps import accept

    accept(**given)


@certify_command.command(
    "plan", cls=Spoken, epilog="Example: reliability certify plan JJ-2026-0001 submission/ --key keys/lee"
)
@CASE
@click.argument("submission", type=PATH)
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0), help="Seed of every random stream.")
@click.option("--deviates", metavar="WHY", type=SAID, help="Why this plan replaces the one that was sealed.")
@STAMP
@step
def certify_plan_command(**given: Any) -> None:
    """Seal what will be measured, before the first run."""
    from reliability.cli.certify_steps import plan

    plan(**given)


@certify_command.command(
    "test", cls=Spoken, epilog="Example: reliability certify test JJ-2026-0001 submission/ --out case-1 --key keys/lee"
)
@CASE
@click.argument("submission", type=PATH)
@click.option("--out", type=PATH, required=True, help="Folder to leave the run's case in; must not exist.")
@click.option("--jobs", default=1, show_default=True, type=click.IntRange(1, 64), help="Workers side by side.")
@step
def certify_test_command(**given: Any) -> None:
    """Run the sealed plan; the run is kept, whatever comes out."""
    from reliability.cli.certify_steps import test

    test(**given)


@certify_command.command(
    "discard", cls=Spoken, epilog="Example: reliability certify discard JJ-2026-0001 --run 1 --why 'disk was full'"
)
@CASE
@click.option("--run", type=click.IntRange(1), required=True, help="Number of the run.")
@click.option("--why", required=True, type=SAID, help="Why it does not count; documents say so.")
@step
def certify_discard_command(**given: Any) -> None:
    """Have a run not count; it stays on record with the reason."""
    from reliability.cli.certify_steps import discard

    discard(**given)


@certify_command.command(
    "review", cls=Spoken, epilog="Example: reliability certify review JJ-2026-0001 --recommend grant --note 'checked'"
)
@CASE
@RUN
@click.option("--recommend", type=click.Choice(DECISIONS), required=True, help="What you recommend.")
@NOTE
@click.option("--nonconformity", "nonconformities", type=(SAID, click.Choice(SEVERITIES), SAID), multiple=True,
              metavar="ITEM SEVERITY TEXT", help="Something not in order; repeatable.")  # fmt: skip
@step
def certify_review_command(**given: Any) -> None:
    """Review a run that you did not make."""
    from reliability.cli.certify_steps import review

    review(**given)


@certify_command.command(
    "close", cls=Spoken, epilog="Example: reliability certify close JJ-2026-0001 NC-1 --note 'file supplied'"
)
@CASE
@click.argument("nonconformity")
@NOTE
@EVIDENCE
@step
def certify_close_command(**given: Any) -> None:
    """Close a nonconformity that somebody else found."""
    from reliability.cli.certify_steps import close

    close(**given)


@certify_command.command(
    "decide", cls=Spoken, epilog="Example: reliability certify decide JJ-2026-0001 --grant --reason 'all criteria met'"
)
@CASE
@click.option("--grant", is_flag=True, help="Grant: only where it conforms.")
@click.option("--conditional", is_flag=True, help="Grant on conditions, each with its day.")
@click.option("--refuse", is_flag=True, help="Refuse, with reasons.")
@click.option("--return", is_flag=True, help="Send back, with reasons.")
@click.option("--renew", is_flag=True, help="Renew after surveillance.")
@RUN
@REASON
@click.option("--condition", "conditions", type=(SAID, str, SAID), multiple=True, metavar="ITEM DATE TEXT",
              help="An open item and the day to close it by; repeatable.")  # fmt: skip
@step
def certify_decide_command(**given: Any) -> None:
    """Decide on a run that you neither made nor reviewed alone.

    Exit status: 0 granted, 1 refused, 3 sent back.
    """
    from reliability.cli.certify_steps import decide

    decide(**given)


@certify_command.command(
    "appeal", cls=Spoken, epilog="Example: reliability certify appeal JJ-2026-0001 --grounds 'the data were mixed up'"
)
@CASE
@click.option("--grounds", required=True, type=SAID, help="Why the decision is not accepted.")
@step
def certify_appeal_command(**given: Any) -> None:
    """Appeal, for the applicant, against the decision that stands."""
    from reliability.cli.certify_steps import appeal

    appeal(**given)


@certify_command.command(
    "hear", cls=Spoken, epilog="Example: reliability certify hear JJ-2026-0001 --uphold --reason 'data were mixed up'"
)
@CASE
@click.option("--uphold/--dismiss", "upheld", required=True, help="Whether the appeal is right.")
@REASON
@step
def certify_hear_command(**given: Any) -> None:
    """Decide on an appeal, as somebody who had no part in the case."""
    from reliability.cli.certify_steps import hear

    hear(**given)


@certify_command.command(
    "issue", cls=Spoken,
    epilog="Example: reliability certify issue JJ-2026-0001 --key keys/jung --seal keys/seal --issuer issuer.yaml "
           "--site https://register.example.kr --out papers",
)  # fmt: skip
@CASE
@sealing
@step
def certify_issue_command(**given: Any) -> None:
    """Print, seal and enter test report and certificate: all of it or nothing."""
    from reliability.cli.certify_papers import issue

    issue(**given)


@certify_command.command("papers", cls=Spoken, epilog="Example: reliability certify papers JJ-C-2026-0001 --out papers")
@CASE
@REGISTER
@PAPERS
@JSON
def certify_papers_command(**given: Any) -> None:
    """Write the documents of a certificate once more, out of the register."""
    from reliability.cli.certify_papers import papers

    papers(**given)


@certify_command.command(
    "surveil", cls=Spoken, epilog="Example: reliability certify surveil JJ-C-2026-0001 submission/ --out case-2"
)
@CASE
@click.argument("submission", type=PATH)
@click.option("--out", type=PATH, required=True, help="Folder to leave the run's case in; must not exist.")
@click.option("--jobs", default=1, show_default=True, type=click.IntRange(1, 64), help="Workers side by side.")
@step
def certify_surveil_command(**given: Any) -> None:
    """Run the sealed plan again on what is in use now, and say what moved.

    Exit status: 0 conforms, 1 does not, 3 undetermined or another model than the certified one.
    """
    from reliability.cli.certify_steps import surveil

    surveil(**given)


@certify_command.command(
    "condition", cls=Spoken, epilog="Example: reliability certify condition JJ-C-2026-0001 DAT-01 --note 'supplied'"
)
@CASE
@click.argument("item")
@NOTE
@EVIDENCE
@step
def certify_condition_command(**given: Any) -> None:
    """Close a condition of a certificate upon evidence."""
    from reliability.cli.certify_steps import condition

    condition(**given)


@certify_command.command("show", cls=Spoken, epilog="Example: reliability certify show JJ-2026-0001")
@CASE
@REGISTER
@JSON
def certify_show_command(**given: Any) -> None:
    """Show a case: its people, its events, and what comes next."""
    from reliability.cli.certify_cases import show

    show(**given)
