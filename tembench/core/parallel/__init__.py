"""Parallel work: tasks in processes of this machine, or on the workers of a cluster.

- `cluster`: tasks on the workers of a dask.distributed cluster
- `cluster_worker`: its workers' part, and the reasons to refuse one
- `tasks`: jobs, and the results of their tasks as they are ready
- `workers`: worker processes that stop cleanly
"""
