"""The agent of a virtual phone: the protocol of devices/agent, spoken in simulated time."""

from dataclasses import replace
from hashlib import sha256

from devices.clock import DeviceClock
from devices.virtual.agent.knobs import Knobs
from devices.virtual.agent.ledger import Ledger
from devices.virtual.agent.program import Program, Surroundings, attached
from devices.virtual.agent.session import Session
from devices.virtual.agent.simulated import AgentFacts, SimulatedBody
from devices.virtual.kernel.machine import Machine

__all__ = ["AgentFacts", "Ledger", "agent_program"]


def agent_program(
    machine: Machine, clock: DeviceClock, facts: AgentFacts, ledger: Ledger
) -> Program:
    """Return the program behind /system/bin/simmer-agent of one virtual phone.

    `ledger` keeps what the phone recorded, for whoever wants to compare.
    """

    def open_session(phone: Surroundings, path: str, may_loosen_limits: bool) -> Session:
        try:
            digest = sha256(facts.read_file(path)).hexdigest()
        except OSError:
            digest = ""
        body = SimulatedBody(machine, clock, replace(facts, uid=phone.uid))
        knobs = Knobs(phone.files, facts.boot_id)
        return Session(
            body, ledger, knobs=knobs, sha256=digest, may_loosen_limits=may_loosen_limits
        )

    return attached(open_session)
