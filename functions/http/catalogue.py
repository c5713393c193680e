"""All calls about films but their playlists and segments: listing.py, editing.py and transcoding.py."""

from functions.http import editing, listing, transcoding
from functions.http.routing import Routes

routes = Routes()
for _area in (listing, editing, transcoding):
    for _path, _views in _area.routes.views.items():
        routes.views[_path].update(_views)
