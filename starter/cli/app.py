"""The command line: which module has which command, and how it says what went wrong.

A module is loaded when its command runs, or when help lists them all: `due` needs no server, and should not wait for
what a worker needs.
"""

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_group

from starter.cli.common import said_to_person

COMMANDS = {
    "demo": "starter.cli.demo",
    "up": "starter.cli.run",
    "setup": "starter.cli.run",
    "worker": "starter.cli.run",
    "serve": "starter.cli.serve",
    "open": "starter.cli.complaints",
    "import": "starter.cli.bulk",
    "submit": "starter.cli.complaints",
    "show": "starter.cli.complaints",
    "list": "starter.cli.complaints",
    "agenda": "starter.cli.complaints",
    "due": "starter.cli.due",
    "play": "starter.cli.play",
    "rehearse": "starter.cli.rehearse",
    "register": "starter.cli.register",
    "partners": "starter.cli.partners",
    "letters": "starter.cli.letters",
    "dossier": "starter.cli.dossier",
    "contacts": "starter.cli.contacts",
    "accounts": "starter.cli.accounts",
    "keys": "starter.cli.keys",
    "encryption": "starter.cli.encryption",
    "hold": "starter.cli.erase",
    "erase": "starter.cli.erase",
}
"""Where each command lives, in the order of the help: a module whose `commands` is a Typer app that has it."""


class Commands(TyperGroup):
    """The commands of the table, each loaded when it is wanted; their failures become sentences and exit codes."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Name the commands in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Load one command; None when there is no such command."""
        module = COMMANDS.get(cmd_name)
        return get_group(import_module(module).commands).commands[cmd_name] if module else None

    def invoke(self, ctx: Any) -> Any:
        """Run a command; what a person must know of its failure goes to stderr, and the process leaves with 1."""
        try:
            return super().invoke(ctx)
        except Exception as error:
            # Loaded only now: it knows the failures of every room, Temporal's included.
            sentence = import_module("starter.cli.failures").sentence(error, said_to_person(ctx))
            if sentence is None:
                raise
            typer.echo(sentence, err=True)
            raise typer.Exit(1) from None


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # its boxes show local values, which are personal data
    rich_markup_mode=None,  # messages stay one sentence on one line
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def complaints() -> None:
    """Handle insurance complaints to the day: the published procedure, run as durable workflows.

    Connection: the standard TEMPORAL_* environment or temporal.toml. Exit codes: 0 done, 1 refused or invalid, 2 usage.
    """
