"""The demo: half a year of four contract manufacturers, lived through in about a minute on the real parts."""
