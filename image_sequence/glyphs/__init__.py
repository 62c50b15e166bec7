"""Where glyphs come from and how they are kept."""
