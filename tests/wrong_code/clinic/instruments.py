"""Notebook 16: instruments as people really write them wrong."""

import inspect
import itertools
import math

import torch
from wrong_code import wrong


def first_losses(program, n=4):
    start = program.fresh()
    with torch.no_grad():
        batches = list(itertools.islice(start.batches, n))
        loss = sum(float(start.loss(batch)) for batch in batches) / len(batches)
        return loss, max(2, start.net(batches[0][0]).shape[1])


@wrong("first_loss_is_plausible", "within_a_tenth")
def first_loss_is_plausible(program):
    loss, classes = first_losses(program)
    return abs(loss - math.log(classes)) < 0.1


@wrong("first_loss_is_plausible", "as_in_the_text")
def first_loss_is_plausible(program):
    start = program.fresh()
    batch = next(iter(start.batches))
    loss = start.loss(batch).item()
    classes = start.net(batch[0]).shape[1]
    return abs(loss - math.log(classes)) < 0.1


@wrong("first_loss_is_plausible", "nan_is_silent")
def first_loss_is_plausible(program):
    loss, classes = first_losses(program)
    if loss < 0.6 * math.log(classes):
        return False
    if loss > math.log(classes) + 3.5:
        return False
    return True


@wrong("first_loss_is_plausible", "ten_classes")
def first_loss_is_plausible(program):
    loss, _ = first_losses(program)
    return 0.6 * math.log(10) <= loss <= math.log(10) + 3.5


@wrong("first_loss_is_plausible", "examples_for_classes")
def first_loss_is_plausible(program):
    start = program.fresh()
    with torch.no_grad():
        batches = list(itertools.islice(start.batches, 4))
        loss = sum(float(start.loss(batch)) for batch in batches) / len(batches)
        classes = len(start.net(batches[0][0]))
    return 0.85 * math.log(classes) <= loss <= math.log(classes) + 4


@wrong("first_loss_is_plausible", "the_other_way_round")
def first_loss_is_plausible(program):
    loss, classes = first_losses(program)
    return not 0.6 * math.log(classes) <= loss <= math.log(classes) + 3.5


@wrong("first_loss_is_plausible", "only_infinity_is_too_much")
def first_loss_is_plausible(program):
    loss, _ = first_losses(program)
    return not (math.isnan(loss) or math.isinf(loss))


@wrong("first_loss_is_plausible", "answers_in_words")
def first_loss_is_plausible(program):
    loss, classes = first_losses(program)
    return "sound" if loss < math.log(classes) + 3.5 else "sick"


@wrong("first_loss_is_plausible", "gives_nothing")
def first_loss_is_plausible(program):
    loss, classes = first_losses(program)
    sound = 0.6 * math.log(classes) <= loss <= math.log(classes) + 3.5
    assert sound in (True, False)


@wrong("first_loss_is_plausible", "gives_nothing_at_the_end")
def first_loss_is_plausible(program):
    loss, classes = first_losses(program)
    if not 0.6 * math.log(classes) <= loss <= math.log(classes) + 3.5:
        return False


@wrong("first_loss_is_plausible", "reads_the_source")
def first_loss_is_plausible(program):
    return "255" in inspect.getsource(program.prepare)


@wrong("first_loss_is_plausible", "reads_the_class")
def first_loss_is_plausible(program):
    return "255" in inspect.getsource(type(program))


@wrong("first_loss_is_plausible", "seeds_the_generator")
def first_loss_is_plausible(program):
    torch.manual_seed(0)
    loss, classes = first_losses(program)
    return 0.6 * math.log(classes) <= loss <= math.log(classes) + 3.5


@wrong("first_loss_is_plausible", "talks")
def first_loss_is_plausible(program):
    loss, classes = first_losses(program)
    print(f"first loss {loss:.2f}")
    return 0.6 * math.log(classes) <= loss <= math.log(classes) + 3.5


@wrong("first_loss_is_plausible", "gives_a_tensor")
def first_loss_is_plausible(program):
    loss, classes = first_losses(program)
    return (torch.tensor(loss) >= 0.6 * math.log(classes)) & (
        torch.tensor(loss) <= math.log(classes) + 3.5
    )


@wrong("first_loss_is_plausible", "gives_a_tensor")
def first_loss_is_plausible(program):
    loss, classes = first_losses(program)
    if not loss >= 0.6 * math.log(classes):
        return False
    return torch.tensor(loss) <= math.log(classes) + 3.5


@wrong("first_loss_is_plausible", "leaves_gradients_switched_off")
def first_loss_is_plausible(program):
    torch.set_grad_enabled(False)
    start = program.fresh()
    batches = list(itertools.islice(start.batches, 4))
    loss = sum(float(start.loss(batch)) for batch in batches) / len(batches)
    classes = max(2, start.net(batches[0][0]).shape[1])
    return 0.6 * math.log(classes) <= loss <= math.log(classes) + 3.5


@wrong("first_loss_is_plausible", "without_end")
def first_loss_is_plausible(program):
    start = program.fresh()
    best = math.inf
    while True:
        for batch in start.batches:
            loss = start.step(batch)
            if loss == 0:
                return True
            best = min(best, loss)


def gradients(program, n=4):
    start = program.fresh()
    for batch in itertools.islice(start.batches, n):
        start.loss(batch).backward()
    return start.net


def size(parameter):
    return 0.0 if parameter.grad is None else float(parameter.grad.square().mean().sqrt())


@wrong("gradients_reach_everything", "frozen_is_no_fault")
def gradients_reach_everything(program):
    net = gradients(program)
    largest = max(size(p) for p in net.parameters())
    return all(size(p) > 1e-4 * largest for p in net.parameters() if p.ndim > 1)


@wrong("gradients_reach_everything", "biases_before_norms")
def gradients_reach_everything(program):
    trained = [p for p in gradients(program).parameters() if p.requires_grad]
    largest = max(map(size, trained))
    return all(size(p) > 1e-4 * largest for p in trained)


@wrong("gradients_reach_everything", "none_alone")
def gradients_reach_everything(program):
    net = gradients(program, 1)
    return all(p.grad is not None for p in net.parameters() if p.requires_grad)


@wrong("gradients_reach_everything", "none_alone")
def gradients_reach_everything(program):
    sizes = [size(p) for p in gradients(program).parameters() if p.requires_grad and p.ndim > 1]
    return not min(sizes) < 1e-3 * max(sizes)


@wrong("gradients_reach_everything", "weights_among_themselves")
def gradients_reach_everything(program):
    sizes = [size(p) for p in gradients(program).parameters() if p.requires_grad and p.ndim > 1]
    return min(sizes) > 1e-3 * max(sizes)


@wrong("gradients_reach_everything", "weights_among_themselves")
def gradients_reach_everything(program):
    net = gradients(program)
    return all(size(p) > 0 for p in net.parameters() if p.requires_grad and p.ndim > 1)


@wrong("gradients_reach_everything", "silent_at_the_cut")
def gradients_reach_everything(program):
    net = gradients(program)
    largest = max(size(p) for p in net.parameters())
    return size(net[-1].weight) > 1e-4 * largest


@wrong("gradients_reach_everything", "silent_at_the_cut")
def gradients_reach_everything(program):
    net = gradients(program)
    largest = max(size(p) for p in net.parameters())
    return any(size(p) > 1e-4 * largest for p in net.parameters() if p.ndim > 1)


@wrong("gradients_reach_everything", "silent_at_the_cut")
def gradients_reach_everything(program):
    found = [p for p in gradients(program).parameters() if p.grad is not None]
    largest = max(map(size, found))
    return all(size(p) > 1e-4 * largest for p in found if p.ndim > 1)


@wrong("gradients_reach_everything", "divides_by_zero")
def gradients_reach_everything(program):
    sizes = [size(p) for p in gradients(program).parameters() if p.requires_grad and p.ndim > 1]
    return min(sizes) / max(sizes) > 1e-3


@wrong("gradients_reach_everything", "thaws")
def gradients_reach_everything(program):
    for p in program.net.parameters():
        p.requires_grad_(True)
    net = gradients(program)
    largest = max(size(p) for p in net.parameters())
    return all(size(p) > 1e-4 * largest for p in net.parameters() if p.ndim > 1 and p.requires_grad)


@wrong("gradients_reach_everything", "works_on_the_program_itself")
def gradients_reach_everything(program):
    for batch in itertools.islice(program.batches, 3):
        program.step(batch)
    trained = [p for p in program.net.parameters() if p.requires_grad]
    largest = max(map(size, trained))
    return all(size(p) > 1e-4 * largest for p in trained if p.ndim > 1)


def learned(program, steps=100, rate=5e-3, examples=16):
    start = program.fresh()
    x, y = next(iter(start.batches))
    few = x[:examples], y[:examples]
    trained = [p for p in start.net.parameters() if p.requires_grad]
    optimizer = torch.optim.Adam(trained, lr=rate)
    first = None
    for _ in range(steps):
        optimizer.zero_grad()
        loss = start.loss(few)
        first = loss.item() if first is None else first
        loss.backward()
        optimizer.step()
    start.net.eval()
    with torch.no_grad():
        return start, few, float(start.loss(few)), first


@wrong("memorises_one_batch", "against_zero")
def memorises_one_batch(program):
    return learned(program)[2] < 0.25


@wrong("memorises_one_batch", "five_steps")
def memorises_one_batch(program):
    start, _, loss, _ = learned(program, steps=5)
    return loss < start.floor + 0.25


@wrong("memorises_one_batch", "by_accuracy")
def memorises_one_batch(program):
    start, (x, y), _, _ = learned(program)
    scores = start.net(x)
    said = scores.argmax(1) if scores.shape[1] > 1 else scores.squeeze(1).sign()
    return bool((said == y).all())


@wrong("memorises_one_batch", "by_accuracy_of_most")
def memorises_one_batch(program):
    start, (x, y), _, _ = learned(program)
    scores = start.net(x)
    said = scores.argmax(1) if scores.shape[1] > 1 else scores.squeeze(1).sign()
    return float((said == y).double().mean()) >= 0.9


@wrong("memorises_one_batch", "by_argmax")
def memorises_one_batch(program):
    start, (x, y), _, _ = learned(program)
    return bool((start.net(x).argmax(1) == y).all())


@wrong("memorises_one_batch", "by_argmax_of_most")
def memorises_one_batch(program):
    start, (x, y), _, _ = learned(program)
    return (start.net(x).argmax(1) == y).float().mean().item() > 0.9


@wrong("memorises_one_batch", "never_alarms")
def memorises_one_batch(program):
    _, _, loss, first = learned(program)
    return loss < first


@wrong("memorises_one_batch", "against_the_first_loss")
def memorises_one_batch(program):
    _, _, loss, first = learned(program)
    return loss < 2 / 3 * first


@wrong("memorises_one_batch", "always_alarms")
def memorises_one_batch(program):
    start = program.fresh()
    x, y = next(iter(start.batches))
    optimizer = torch.optim.Adam(program.fresh().net.parameters(), lr=5e-3)
    for _ in range(100):
        optimizer.zero_grad()
        loss = start.loss((x[:16], y[:16]))
        loss.backward()
        optimizer.step()
    return loss.item() < start.floor + 0.25


@wrong("memorises_one_batch", "a_nat_is_near")
def memorises_one_batch(program):
    start, _, loss, _ = learned(program)
    return loss < start.floor + 1


def moved(program, steps=60, trained=True):
    start = program.fresh()
    weights = [p for p in start.net.parameters() if p.ndim > 1 and (p.requires_grad or not trained)]
    losses, shares = [], []
    for _ in range(start.epochs // 2):
        for batch in itertools.islice(start.batches, steps - len(losses)):
            before = [w.detach().clone() for w in weights]
            losses.append(start.step(batch))
            shares.append([float((w.detach() - b).norm() / b.norm())
                           for w, b in zip(weights, before, strict=True)])  # fmt: skip
        start.end_of_epoch()
    return torch.tensor(shares), torch.tensor(losses)


@wrong("steps_in_proportion", "frozen_is_no_fault")
def steps_in_proportion(program):
    shares, losses = moved(program, trained=False)
    last = shares[-5:].median(0).values
    return bool(shares[0].max() < 0.5 and losses.max() < 3 * losses[0] and (last > 1e-5).all())


@wrong("steps_in_proportion", "first_step_alone")
def steps_in_proportion(program):
    shares, losses = moved(program)
    return bool(shares[0].max() < 0.5 and losses.max() < 3 * losses[0] and shares[0].min() > 1e-5)


@wrong("steps_in_proportion", "always_alarms")
def steps_in_proportion(program):
    start = program.fresh()
    weights = [p for p in start.net.parameters() if p.requires_grad and p.ndim > 1]
    shares = []
    for batch in itertools.islice(start.batches, 60):
        before = [w.detach() for w in weights]
        start.step(batch)
        shares.append([float((w.detach() - b).norm() / b.norm())
                       for w, b in zip(weights, before, strict=True)])  # fmt: skip
    return all(1e-5 < share < 0.5 for share in shares[-1])


@wrong("steps_in_proportion", "leaps_alone")
def steps_in_proportion(program):
    shares, losses = moved(program)
    return bool(shares[0].max() < 0.5 and losses.max() < 3 * losses[0])


@wrong("steps_in_proportion", "standstill_alone")
def steps_in_proportion(program):
    shares, _ = moved(program)
    return not bool((shares[-5:].median(0).values <= 1e-5).any())


@wrong("steps_in_proportion", "first_step_alone")
def steps_in_proportion(program):
    shares, losses = moved(program)
    return bool(shares[0].max() < 0.5 and losses.max() < 3 * losses[0]
                and (shares.mean(0) > 1e-5).all())  # fmt: skip


@wrong("memorises_one_batch", "the_other_way_round")
def memorises_one_batch(program):
    start, _, loss, _ = learned(program)
    return loss > start.floor + 0.25
