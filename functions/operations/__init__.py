"""What operators do with a running service: encode again, see to dead letters, mend, tidy up, serve people's requests.

Commands and routes share it. Not here: who may ask (the doors decide), and how a film is encoded.
"""
