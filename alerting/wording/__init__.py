"""What people read: plain words that fit a phone and say what to do, in the reader's language, zone and units."""
