"""The exact check through a whole file: right on what is drawn, part by part wrong on what is not."""

import numpy as np

from data.embedded.motion.world import Actor, MotionAction, MovingScene
from data.embedded.world import Thing
from evaluators.video.motion_check import MotionCheck


def moving(*actions: MotionAction) -> MovingScene:
    return MovingScene((Actor(Thing("red", "circle"), actions),))


def parts(item, lab) -> dict:
    results = MotionCheck().evaluate([item], lab.context)[0]
    return {name.removeprefix("motion_"): result.value for name, result in results.items()}


def test_a_drawn_clip_is_right_in_every_part_that_was_told(film, drawn, lab) -> None:
    scene = moving(MotionAction("right", "fast"))
    values = parts(film(drawn(scene), prompt=lab.prompt(expectation=scene.expectation())), lab)
    assert values.pop("order") is None
    assert set(values.values()) == {1}


def test_backwards_the_things_are_right_and_the_motion_is_not(film, drawn, lab) -> None:
    scene = moving(MotionAction("right"))
    values = parts(film(drawn(scene)[::-1], prompt=lab.prompt(expectation=scene.expectation())), lab)
    wrong = {name for name, value in values.items() if value == 0}
    assert wrong == {"correct", "acts"}


def test_a_thing_of_another_colour_halfway_does_not_keep_its_identity(film, drawn, lab) -> None:
    red = moving(MotionAction("right"))
    blue = MovingScene((Actor(Thing("blue", "circle"), (MotionAction("right"),)),))
    frames = np.concatenate([drawn(red)[:8], drawn(blue)[8:]])
    values = parts(film(frames, prompt=lab.prompt(expectation=red.expectation())), lab)
    assert {name for name, value in values.items() if value == 0} == {"correct", "identity"}


def test_an_expectation_of_something_else_is_a_reason(film, drawn, lab) -> None:
    for stated in ({"object": {"object": "dog"}}, {"things": [{"colour": "red"}]}, {"things": "red"}):
        results = MotionCheck().evaluate([film(drawn(), prompt=lab.prompt(expectation=stated))], lab.context)[0]
        assert {each.value for each in results.values()} == {None}
        assert results["motion_correct"].reason.startswith("It is not about moving shapes that can be checked")
