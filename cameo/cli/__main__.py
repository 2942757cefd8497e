"""`python -m cameo.cli` is the `cameo` command."""

from cameo.cli.main import run

if __name__ == "__main__":
    run()
