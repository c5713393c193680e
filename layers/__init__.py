"""What Lambda mounts at /opt beside the code.

One folder a layer, each with the program that builds it, its pins and its licence. No code of the functions.
"""
