"""When things run: schedule files, due slots with leases, the scheduler, exports to cron, systemd and Kubernetes.

Here belongs what has to do with times: reading a schedule file (`schedule`, its times in `cron`), recording the slots
that became due (`due_slots`), claiming a slot under a lease and renewing it (`slots`, `lease_renewal`), running slots
(`scheduler`), the clock (`clock`), and files for other clocks (`export`). What a slot does is passed in: making samples
belongs to `harness`, what a slot runs to `halflife.workflows`.
"""

from schedules.clock import Clock, Stop, SystemClock, stopped_by_signals
from schedules.due_slots import due_slots
from schedules.export import export
from schedules.schedule import Schedule, load_schedules, schedule_named, upcoming
from schedules.scheduler import SchedulerContext, SlotResult, SlotWork, run_due, run_slot, serve
from schedules.slots import Lease, LeaseTerms, Slot, history

__all__ = [
    "Clock",
    "Lease",
    "LeaseTerms",
    "Schedule",
    "SchedulerContext",
    "Slot",
    "SlotResult",
    "SlotWork",
    "Stop",
    "SystemClock",
    "due_slots",
    "export",
    "history",
    "load_schedules",
    "run_due",
    "run_slot",
    "schedule_named",
    "serve",
    "stopped_by_signals",
    "upcoming",
]
