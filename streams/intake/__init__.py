"""Partner formats in, canonical events out; what is not understood goes to the partner's dead letters with a reason."""
