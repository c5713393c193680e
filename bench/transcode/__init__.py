"""What an encoding costs, how soon it can be played, how good it is and what it takes: `python -m bench.transcode`."""
