"""The language of conditions: the Common Expression Language (CEL), compiled to Python once.

Syntax and semantics are those of the CEL specification, but for messages of Protocol Buffers and names with dots, which
it has not. Where it departs, and why:

- A feature may be null, which says "not known". What is worked out from it is *unknown*, where CEL has an error; so is
  every error of CEL. `&&`, `||`, `?:` and the macros absorb it as CEL's do: `false && unknown` is false, in either order.
  A condition that ends in unknown does not fire. `==`, `!=` and `in` compare a null feature as the value null, so
  `status != "open"` is true of an unknown status.
- int and double mix; the result is a double. CEL wants `double(n) / 2.0`, and everyone who writes `qty / 2` means that.
- A double divided by zero is unknown, not infinite: nobody plans with an infinite number of days.
- A number may have a unit of time, or be a part of a hundred: `5 d`, `85 %`. See `units`.
- `has(x)` takes a feature too. `min`, `max`, `abs`, `round`, `floor`, `ceil`, `clamp(x, least, greatest)` and
  `coalesce(x, instead)` are ours, and so are calendar days: `date(t, zone)`; `later - earlier` gives days.
- A text that can never be what is read from it, as in `duration("1 day")` or `matches("(")`, is refused at once.
- `string(x)` of a double writes no exponent below 1e15. The finest time is a microsecond, the last year 9999 in any zone.
- A map cannot have both `true` and `1` as keys, nor `false` and `0`.

Bounds: 10,000 characters, 40 levels in the text and 100 in the tree; `cost` counts the steps of an evaluation.
"""
