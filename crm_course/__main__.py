"""``crm-course``, which is also ``python -m crm_course``."""

from crm_course.start import begin


def main() -> None:
    """Begin, and only then import the command."""
    begin()
    from crm_course.cli import main as command

    command()


if __name__ == "__main__":
    main()
