"""The tables of service that need no other chunk, and the truth of failures."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crm_course.simulator import columns
from crm_course.simulator.lives import Lives
from crm_course.simulator.service.chunk_service import Service
from crm_course.simulator.service.community import draw_posts, posts_table
from crm_course.simulator.service.leaving import recovered_failures
from crm_course.simulator.world.row_names import Names
from crm_course.simulator.world.world import World
from crm_course.tables.schemas.service import CATEGORIES, SEVERITIES


def service_tables(world: World, names: Names, lives: Lives) -> dict[str, pd.DataFrame]:
    """Give the community's posts, and the truth of failures; nothing where the store has no service."""
    room, service = world.service, lives.service
    if room is None or service is None:
        return {}
    posts = draw_posts(
        world, room, lives.people, service.traits, lives.orders, lives.handover, service.events, lives.chunk
    )
    return {"posts": posts_table(names, posts), "truth/failures": _failures_truth(names, lives, service)}


def _failures_truth(names: Names, lives: Lives, service: Service) -> pd.DataFrame:
    """Tell every failure of the orders in the data, in their order."""
    orders = lives.orders
    failures, complaints = service.failures, service.complaints
    rows = np.flatnonzero(failures.order < orders.known)
    rows = rows[np.lexsort((failures.key[rows], failures.order[rows]))]
    complained = np.zeros(len(failures), dtype=bool)
    complained[complaints.failure] = True
    order = failures.order[rows]
    left = lives.lifetimes.left_time[orders.customer[order]] == orders.time[order]
    return pd.DataFrame(
        {
            "order_id": names.numbered("O", order),
            "customer_id": names.customer(orders.customer[order]),
            "product_id": columns.texts(failures.product[rows], names.products),
            "kind": columns.words(failures.kind[rows], list(CATEGORIES)),
            "severity": columns.words(failures.severity[rows], list(SEVERITIES)),
            "noticed_at": columns.times(failures.time[rows]),
            "complained": complained[rows],
            "recovered": recovered_failures(failures, complaints)[rows],
            "left_in_silence": left & ~complained[rows],
            "leave_factor": service.leave_factor[order],
        }
    )
