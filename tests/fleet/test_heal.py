"""What is lost, and what only takes its time."""

from connector.fleet.heal import lost, unknown, without_job
from connector.fleet.queue import Doing
from state.fleet import Claim


def doing(job, *, worker=1, alive=True, seconds=1.0):
    return Doing(job, Claim(f"p{job}", job), worker, alive, seconds)


def test_jobs_of_dead_workers_and_wedged_ones_are_lost():
    well = doing(1)
    dead, orphan = doing(2, alive=False), doing(3, worker=None, alive=False)
    wedged, old_and_dead = doing(4, seconds=101), doing(5, alive=False, seconds=101)
    found = lost([well, dead, orphan, wedged, old_and_dead], longest=100)
    assert found.dead == [dead, orphan, old_and_dead]
    assert found.wedged == [wedged]
    assert found.jobs == [2, 3, 5, 4]


def test_a_worker_misses_its_own_jobs_and_nobody_elses():
    jobs = [doing(1), doing(2), doing(3, worker=2)]
    assert unknown(jobs, 1, {1}) == {2}


def test_a_claim_has_its_job_whatever_its_group_is_called_by_now():
    there, gone = Claim("a", 1, "group"), Claim("b", 2, "group")
    older = Claim("b", 1, "group")
    queued = {Claim("a", 1, "another group"), older}
    assert without_job([there, gone], queued) == [gone]
