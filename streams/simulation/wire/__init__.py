"""What partners' systems write: the same truth in each format, byte for byte. Pure, one file a format."""
