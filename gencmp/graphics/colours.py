"""The colour palette: TONES for charts, LIGHT and DARK for drawings with a background, with the same names in both.

The pages' scripts and styles have the same colours in ui/static/shared (base.js, base.css); a test holds them equal.
"""

from __future__ import annotations

TONES = {"gan": "#D55E00", "gan2": "#8C3F00", "vae": "#0072B2", "vae2": "#56A5DB", "real": "#7A7A7A"}
# Words in a model's colour on a light background: contrast of at least 4.5 to 1, which orange and grey lack as they are.
WORDS = TONES | {"gan": "#B04C00", "vae2": "#2F7CB0", "real": "#6B6B6B"}
LIGHT = TONES | {"ink": "#262522", "soft": "#6B675F", "line": "#DDD9D1", "paper": "#FFFFFF", "real": "#6B6B6B"}
DARK = {
    "gan": "#F07B2A", "gan2": "#FFC08A", "vae": "#4BA3DB", "vae2": "#A9D6F2", "real": "#A8A8A8",
    "ink": "#EDEAE4", "soft": "#A8A297", "line": "#3A3733", "paper": "#171614",
}  # fmt: skip
