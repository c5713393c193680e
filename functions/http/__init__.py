"""The HTTP door: one file per area of routes, and what all of them share.

Routes parse, call one domain function, and answer. No rule of the domain lives here, and nobody imports this folder
but `app.py`.
"""
