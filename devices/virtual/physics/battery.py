"""A battery: open-circuit voltage, inner resistance, charge."""

from dataclasses import dataclass

from devices.virtual.physics.numbers import N, between_rows, least, most, root

#: Open-circuit voltage of a cobalt-oxide cell at 0, 10 … 100 % charge [V] (estimated).
OPEN_CIRCUIT_V = (3.30, 3.62, 3.69, 3.73, 3.77, 3.81, 3.87, 3.95, 4.05, 4.16, 4.35)


@dataclass(frozen=True, slots=True)
class Battery:
    """The constants of one battery."""

    capacity_ah: float
    resistance_ohm: float


def open_circuit_v(charge: N) -> N:
    """Return the voltage without load at a charge of 0..1 [V]."""
    return between_rows(OPEN_CIRCUIT_V, least(most(charge, 0.0), 1.0) * 10.0)


def discharge(battery: Battery, charge: N, power_w: N) -> tuple[N, N]:
    """Return (current [A], terminal voltage [V]) while delivering `power_w`; negative charges.

    Solves P = (V_oc - I·R)·I for the smaller root.
    """
    v_oc, r = open_circuit_v(charge), battery.resistance_ohm
    current_a = (v_oc - root(most(v_oc * v_oc - 4.0 * r * power_w, 0.0))) / (2.0 * r)
    return current_a, v_oc - current_a * r
