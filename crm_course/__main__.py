"""``python -m crm_course`` is ``crm-course``."""

from crm_course.cli import main

main()
