"""The protocol between a trainee's notebook and the grader; comparing answers; explaining wrong ones."""
