"""The local stacks: everything that only exists because this is not AWS.

`environment.py` makes the Python environment, `up`, `down`, `status`, `logs` and `dev` are the commands, `stack.py`
is what they all know of a stack, and `embedded/` is the emulator they start. Nothing of this is deployed.
"""
