"""The operator's commands: they parse and print; what they do is the domain's.

Each file here has `add_commands(commands)`, which adds its parsers and sets `run` on each: a function that takes the
parsed arguments and returns the exit code. `manage.py` is the door.
"""
