"""What a viewer is handed: playlists, signed URLs, segments.

Decides nothing about who may see a film: `catalogue.access` does.
"""
