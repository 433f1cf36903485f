"""The language of conditions: a typed part of the Common Expression Language (CEL), compiled to Python once.

Where it departs from the CEL specification, and why:

- A feature may be null, which says "not known". Arithmetic, ordering and functions on it end in *unknown*, where CEL
  has an error; so do a division by zero and a whole number beyond 64 bits. `&&` and `||` absorb it as CEL does with
  errors: `false && unknown` is false and `true || unknown` is true, in either order. A condition that ends in
  unknown does not fire. `==` and `!=` compare a null feature as the value null, as CEL does, so `status != "open"`
  is true of an unknown status.
- int and double mix; the result is a double. CEL wants `double(n) / 2.0`, and everyone who writes `qty / 2` means that.
  Between two ints `/` and `%` cut towards zero, as in CEL.
- `has(x)` takes a feature. `min`, `max`, `abs`, `round`, `floor`, `ceil`, `clamp(x, least, greatest)` and
  `coalesce(x, instead)` are ours. Dates are a type of their own;
  `later - earlier` gives days.
- Not yet there: maps, messages, bytes, uint, indexing, macros, timestamps and durations, `matches`.
"""
