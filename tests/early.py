"""What a process of tests does before it imports a notebook's format."""

from crm_course.start import begin

begin()
