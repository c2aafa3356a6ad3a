"""The offline plate as a service like the others: no network, no key, no cost, and it never fails."""

import asyncio

from bookreader.illustrations.plates import draw_plate
from bookreader.illustrations.providers.provider import Answer, Order, Outcome, Service, Task, Traits


class OfflinePlate:
    service = Service.PLATE
    traits = Traits(
        prompt_limit=1_500, negative_field=False, reads_language=True, parallel=64, interval=0, repeatable=True, price=0
    )

    async def draw(self, order: Order, task: Task) -> Answer:
        passage = order.passage
        plate = await asyncio.to_thread(
            draw_plate,
            passage.text,
            passage.type,
            tone=passage.tone,
            entities=passage.people,
            language=passage.language,
            seed=order.seed,
        )
        return Answer(Outcome.OK, plate=plate, facts={"model": "plate", "scene": plate.scene, "seed": order.seed})
