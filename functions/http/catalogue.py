"""All calls about films but their playlists and segments: listing.py and editing.py."""

from functions.http import editing, listing
from functions.http.routing import Routes

routes = Routes()
for _area in (listing, editing):
    for _path, _views in _area.routes.views.items():
        routes.views[_path].update(_views)
