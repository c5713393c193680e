"""What operators and staff do with a running service: start encodings again, look after dead letters, mend, tidy up.

Commands and staff routes share it. Not here: who may ask (the doors decide), and how a film is encoded.
"""
