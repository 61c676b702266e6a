"""The group of commands, their languages, and what becomes of an error."""

import copy
import errno
import importlib
import io
import os
import signal
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, NoReturn

import click

from reliability.errors import ReliabilityError, UsageError
from reliability.threads import ONE_THREAD

# Where each command is, and its line in the list: to list them, none is imported.
COMMANDS: Mapping[str, tuple[str, str]] = {
    "demo": ("reliability.cli.demo:demo_command", "Assess a real model and write every report."),
    "doctor": ("reliability.cli.demo:doctor_command", "Say what this machine lacks, and how to get it."),
    "init": ("reliability.cli.prepare:init_command", "Write a commented submission.yaml from guesses."),
    "inspect": ("reliability.cli.prepare:inspect_command", "Say what a submission holds; runs nothing."),
    "facts": ("reliability.cli.look_up:facts_command", "List the facts that a submission may state."),
    "screen": ("reliability.cli.screening:screen_command", "Say what applies to a system, and why."),
    "answers": ("reliability.cli.answering:answers_command", "Write or fill in the questionnaire."),
    "assess": ("reliability.cli.assess:assess_command", "Measure a submission, judge it, leave a case."),
    "measure": ("reliability.cli.assess:measure_command", "Measure one check; nothing is judged."),
    "report": ("reliability.cli.report:report_command", "Write the reports of a case: PDF, HTML, tables."),
    "advise": ("reliability.cli.advising:advise_command", "Try what would mend the findings of a case."),
    "compare": ("reliability.cli.comparing:compare_command", "Compare two cases, before and after."),
    "checks": ("reliability.cli.look_up:checks_command", "List the checks, or describe one."),
    "checklists": ("reliability.cli.look_up:checklists_command", "List, show, validate or compare checklists."),
    "explain": ("reliability.cli.look_up:explain_command", "Explain an item, a check, a clause, a fact, a term."),
    "certify": ("reliability.cli.certify:certify_command", "Lead a case from application to certificate."),
    "register": ("reliability.cli.register:register_command", "Look certificates up, and keep the register safe."),
    "keys": ("reliability.cli.keys:keys_command", "Make keys, certify them, take certificates back."),
    "verify": ("reliability.cli.verifying:verify_command", "Check a document: genuine? still in force?"),
}
LANGUAGES = ("ko", "en")
# What click itself writes into a help text.
OF_CLICK: Mapping[str, str] = {
    "usage": "Usage:", "options": "Options:", "commands": "Commands:", "help": "Show this message and exit.",
    "example": "Example:", "default": "[default:", "required": "[required]", "locale": "(from the locale)",
}  # fmt: skip
# Refusals of the file system: the user's to mend, no fault of ours.
OF_THE_DISK = frozenset({
    errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.ENOTDIR,
    errno.EISDIR, errno.EEXIST, errno.ENOENT, errno.ENAMETOOLONG, errno.ELOOP,
})  # fmt: skip
# Values of errors that are names out of closed lists, and where their words stand.
WORDED: Mapping[str, str] = {
    "role": "certify.role", "roles": "certify.role", "decision": "certify.decision", "outcome": "outcome",
    "status": "cli.register.status", "what": "cli.register.event",
}  # fmt: skip
# Values that hold more than names, and what words them.
WORDED_BY: Mapping[str, str] = {"hindrances": "reliability.cli.verification:hindrances_text"}
EXIT_UNDONE = 2
EXIT_BUG = 70


def language_of_locale(environment: Mapping[str, str]) -> str:
    """`ko` where the locale is Korean, else `en`."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if environment.get(name):
            return "ko" if environment[name].lower().startswith("ko") else "en"
    return "en"


def language_on_the_way(arguments: list[str]) -> str:
    """The language asked for, before click has parsed: help and usage errors need it."""
    for place, argument in enumerate(arguments):
        if argument == "--lang" and arguments[place + 1 : place + 2]:
            return arguments[place + 1] if arguments[place + 1] in LANGUAGES else "en"
        if argument.removeprefix("--lang=") in LANGUAGES and argument.startswith("--lang="):
            return argument.removeprefix("--lang=")
    return language_of_locale(os.environ)


class Spoken(click.Command):
    """A command that takes --lang and whose help speaks it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not any(option.name == "lang" for option in self.params):
            self.params.append(_lang_option())

    def get_help(self, ctx: click.Context) -> str:
        """Help in the language on the command line."""
        return in_words(language_on_the_way(sys.argv[1:]), super().get_help(ctx))


def _lang_option() -> click.Option:
    return click.Option(
        ["--lang"],
        type=click.Choice(LANGUAGES),
        default=lambda: language_on_the_way(sys.argv[1:]),
        show_default="from the locale",
        help="Language of what is printed.",
    )


def in_words(lang: str, text: str) -> str:
    """A help text with click's own words in Korean too."""
    if lang != "ko":
        return text
    from reliability.words.text import words

    for key, english in OF_CLICK.items():
        text = text.replace(english, words(lang).text(f"cli.click.{key}"))
    return text


def translated(command: click.Command, lang: str, key: str | None = None) -> click.Command:
    """A copy of a command in the words `cli.KEY.help` and `cli.KEY.option.NAME`; without a key, its name is it."""
    from reliability.words.text import words

    said = words(lang)
    spoken = copy.deepcopy(command)
    key = key or str(command.name)
    spoken.help = said.text(f"cli.{key}.help")
    for option in spoken.params:
        if isinstance(option, click.Option):
            option.help = said.first(f"cli.{key}.option.{option.name}", f"cli.option.{option.name}")
    return spoken


def listed(lang: str) -> Iterator[tuple[str, str]]:
    """Each command with its line in the list."""
    if lang != "ko":
        yield from ((name, line) for name, (_, line) in COMMANDS.items())
        return
    from reliability.words.text import words

    for name in COMMANDS:
        yield name, words(lang).text(f"cli.listed.{name}")


class Commands(click.Group):
    """The commands, imported when named, listed in the order of the work."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  (click's signature)
        """Names in the order in which a user needs them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  (as above)
        """Import the command of that name."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = _named(COMMANDS[cmd_name][0])
        lang = language_on_the_way(sys.argv[1:])
        return command if lang == "en" else translated(command, lang)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  (as above)
        """The list of commands, a line each."""
        with formatter.section("Commands"):
            formatter.write_dl(list(listed(language_on_the_way(sys.argv[1:]))))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that is named; the near name where there is none."""
        if args[0] not in COMMANDS:
            # Here: it would take a tenth of --help.
            from difflib import get_close_matches

            near = ", ".join(get_close_matches(args[0], COMMANDS, n=1)) or "reliability --help"
            raise UsageError(
                "command_unknown", "{command!r}: no such command; did you mean: {near}?", command=args[0], near=near
            )
        return super().resolve_command(ctx, args)

    def get_help(self, ctx: click.Context) -> str:
        """Help in the language on the command line."""
        lang = language_on_the_way(sys.argv[1:])
        if lang == "ko":
            from reliability.words.text import words

            # A copy: the group itself stays as it was written.
            spoken = copy.copy(self)
            spoken.help = words(lang).text("cli.help")
            spoken.params = [_with_help(one, words(lang).text(f"cli.option.{one.name}")) for one in self.params]
            return in_words(lang, click.Group.get_help(spoken, ctx))
        return super().get_help(ctx)


def _named(place: str) -> Any:
    """What stands at `module:name`, imported when it is needed."""
    module, name = place.split(":")
    return getattr(importlib.import_module(module), name)


def _with_help(param: click.Parameter, text: str) -> click.Parameter:
    spoken = copy.copy(param)
    if isinstance(spoken, click.Option):
        spoken.help = text
    return spoken


def _version(ctx: click.Context, _: click.Parameter, asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        click.echo(f"reliability {version('reliability-workbench')}")
        ctx.exit()


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--lang", type=click.Choice(LANGUAGES), expose_value=False, help="Language of the help.")
@click.option("--version", is_flag=True, expose_value=False, is_eager=True, callback=_version, help="Say the version.")
def commands() -> None:
    """Measure an AI model against a checklist and write the reports people sign.

    Start with 'reliability demo', then 'reliability init DATA' on your own data.
    """


class _Bugs:
    """Turns a bug into exit status 70 and a file to send, never into a traceback on the screen."""

    def __enter__(self) -> None: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None or not issubclass(kind, Exception):
            return
        import tempfile
        import traceback

        with tempfile.NamedTemporaryFile(
            "w", prefix="reliability-bug-", suffix=".txt", delete=False, encoding="utf-8"
        ) as file:
            file.write("".join(traceback.format_exception(kind, error, trace)))
        _say("error.bug", "this is a fault of the workbench, not of your files; please send {path} to its makers",
             path=file.name)  # fmt: skip
        raise SystemExit(EXIT_BUG)


def _say(key: str, english: str, /, **values: object) -> None:
    """One line on stderr, in the language asked for."""
    lang = language_on_the_way(sys.argv[1:])
    told, sign = english.format(**values), "error"
    if lang == "ko" or WORDED_BY.keys() & values.keys():
        from reliability.words.text import words

        said = words(lang)
        plain = {name: _worded(said, name, value) for name, value in values.items()}
        sign, told = said.text("cli.error"), said.first(key, **plain) or told
    click.echo(_plain(f"{sign}: {told}"), err=True)


def _worded(said: Any, name: str, value: Any) -> object:
    """A value of an error in words, where it is one of a closed list; any other as it stands."""
    if name in WORDED_BY:
        return _named(WORDED_BY[name])(value, said)
    family = WORDED.get(name)
    if family is None:
        return value
    return ", ".join(said.first(f"{family}.{one}") or one for one in str(value).split(", "))


def _plain(text: str) -> str:
    """One line without characters that would steer a terminal: values in it come from files."""
    return "".join(one if one.isprintable() else " " if one.isspace() else "�" for one in text)


def _refuse(error: click.ClickException) -> None:
    """What click refuses, in one line; `reliability` alone shows the help."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        error.show()
        return
    context = getattr(error, "ctx", None)
    option = getattr(error, "option_name", None) or getattr(getattr(error, "param", None), "opts", ("?",))[-1]
    _say(
        f"error.usage.{type(error).__name__}",
        "{said}; see '{command} --help'",
        said=error.format_message().strip().rstrip(".").replace("\n", " "),
        option=option,
        command=context.command_path if context else "reliability",
    )


def main() -> None:
    """Run the command line; the exit status is the contract's."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a locale without Korean prints question marks, not a traceback
    os.environ.update(ONE_THREAD)
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, _interrupt)
    with _Bugs():
        status = _run()
    sys.exit(status if isinstance(status, int) else 0)


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    """What ends a session ends the work as Ctrl-C does: with nothing left half-written."""
    raise KeyboardInterrupt


def _run() -> Any:
    try:
        return commands.main(prog_name="reliability", standalone_mode=False)
    except ReliabilityError as error:
        _say(f"error.{error.code}", "{english}", **{**error.values, "english": str(error)})
        return error.exit_status
    except click.ClickException as error:
        _refuse(error)
    except (click.Abort, KeyboardInterrupt):
        _say("error.interrupted", "stopped; nothing half-written was left behind")
    except BrokenPipeError:
        # The reader of our output went away; Python would complain again when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as refused:
        if refused.errno not in OF_THE_DISK:
            raise
        _say("error.disk", "{path}: {why}", path=refused.filename or "-", why=refused.strerror)
    return EXIT_UNDONE


PATH = click.Path(path_type=Path)
