"""A graph of jobs with known durations, and the time that a perfect machine would need for it."""

import heapq
import random


def random_graph(jobs, seed):
    """`jobs` pairs of (duration in milliseconds, indices of earlier jobs that it needs)."""
    source = random.Random(seed)
    graph = []
    for index in range(jobs):
        needs = source.sample(range(index), k=min(index, source.choice([0, 1, 1, 2, 3])))
        graph.append((source.randrange(50, 251, 10), sorted(needs)))
    return graph


def list_schedule(graph, slots):
    """Milliseconds of the list schedule (Graham 1966) in file order: whenever a slot is free, the first ready job starts."""
    missing = [len(needs) for _, needs in graph]
    ready = [index for index, count in enumerate(missing) if count == 0]
    running, now = [], 0
    while ready or running:
        while ready and len(running) < slots:
            index = heapq.heappop(ready)
            heapq.heappush(running, (now + graph[index][0], index))
        now, finished = heapq.heappop(running)
        for index, (_, needs) in enumerate(graph):
            if finished in needs:
                missing[index] -= 1
                if missing[index] == 0:
                    heapq.heappush(ready, index)
    return now
