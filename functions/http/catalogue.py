"""Calls about films that are there: listing.py, editing.py, positions.py and transcoding.py."""

from functions.http import editing, listing, positions, transcoding
from functions.http.routing import Routes

routes = Routes()
for _area in (listing, editing, positions, transcoding):
    for _path, _views in _area.routes.views.items():
        routes.views[_path].update(_views)
