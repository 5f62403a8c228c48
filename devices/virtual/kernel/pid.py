"""A power budget that follows the skin, as in the Pixel thermal HAL (thermal_throttling.cpp)."""

from collections.abc import Mapping
from math import inf, nextafter

from devices.virtual.kernel.spec import PidRule
from devices.virtual.kernel.thermal import CoolingDevice


class Pid:
    """Splits the budget evenly over its clusters and moves each by one state per poll."""

    def __init__(self, rule: PidRule, devices: Mapping[str, CoolingDevice]) -> None:
        self._rule = rule
        self._devices = devices
        self._severity = 0
        self._error_sum_k = 0.0
        self._states = dict.fromkeys(rule.state_mw, 0)

    @property
    def is_active(self) -> bool:
        """True while the severity is above 0 or anything is capped."""
        return self._severity > 0 or any(self._states.values())

    @property
    def quiet_c(self) -> tuple[float, float]:
        """Below the first severity; while anything is capped, each look may move something [°C]."""
        return -inf, -inf if self.is_active else nextafter(self._rule.thresholds_c[1], -inf)

    def update(self, celsius: float) -> None:
        """Move the severity, the budget and the caps."""
        self._severity = self._severity_at(celsius)
        if self._severity == 0:
            self._error_sum_k = 0.0
        share_mw = self._budget_mw(celsius) / len(self._states) if self._severity else None
        for cluster, state in self._states.items():
            self._states[cluster] = self._next(cluster, state, share_mw)
            forced = self._rule.limits[cluster][self._severity]
            wanted = max(self._states[cluster], forced)
            self._devices[cluster].vote(self, wanted or None)

    def _severity_at(self, celsius: float) -> int:
        """Return the highest threshold reached, each with its hysteresis on the way down."""
        rule = self._rule
        reached = 0
        for level, threshold_c in enumerate(rule.thresholds_c):
            slack_k = rule.hysteresis_k[level] if level <= self._severity else 0.0
            if celsius >= threshold_c - slack_k:
                reached = level
        return reached

    def _budget_mw(self, celsius: float) -> float:
        """Return the power that all clusters together may draw [mW]."""
        rule = self._rule
        error_k = rule.thresholds_c[rule.target] - celsius
        proportional = error_k * (rule.k_po if error_k < 0 else rule.k_pu)
        integral = rule.k_i * self._error_sum_k
        grown = integral + rule.k_i * error_k
        if error_k < rule.i_cutoff_k and abs(grown) < rule.i_max:
            integral = grown
            self._error_sum_k += error_k
        budget = rule.sustained_mw + proportional + integral
        return min(max(budget, rule.min_mw), rule.max_mw)

    def _next(self, cluster: str, state: int, share_mw: float | None) -> int:
        """Return the next state: one step towards what the share of the budget pays for."""
        table = self._rule.state_mw[cluster]
        if share_mw is None:
            wanted = 0
        else:
            paid = (j for j, mw in enumerate(table) if share_mw > mw)
            wanted = min(next(paid, len(table) - 1), self._rule.ceilings[cluster][self._severity])
        return state + max(-1, min(1, wanted - state))
