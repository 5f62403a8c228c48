"""The golden reference of each layer type, in float64, by what it does to a blob."""
