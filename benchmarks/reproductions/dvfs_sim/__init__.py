"""The analytic phone of the `neurobalancer` reproduction: no device, no clock, only tables."""
