"""What the tests' stand-in accelerator (tests/accelerator) cannot prove, each with the reason: what
`make gpu` looks at first (on_gpu/probes has a probe for each). Nothing is run here."""

from __future__ import annotations

UNPROVEN = {
    "autocast": "which operators run in the short type is decided by the device's own lists; the "
    "stand-in has short ones of its own",
    "grad_scaler": "the notebooks take float16 on CUDA alone; elsewhere, on the stand-in too, "
    "bfloat16, for which nothing is scaled",
    "full_precision": "references ask for full single precision; the stand-in knows no TF32 that "
    "it could take instead",
    "rounding": "the stand-in adds in the CPU's order. cuDNN and cuBLAS add in another, and not "
    "always in the same one: whether references stay within their tolerance shows there",
    "streams": "the stand-in has one queue. Whether a copy and a product run at the same time, or "
    "one of them too early, takes two",
    "events": "an event's time on the stand-in is the queue's own, and made up",
    "pinned_memory": "the stand-in remembers that memory is pinned and reads it late, but no page "
    "is locked: that a batch arrives whole, and sooner, shows on CUDA",
    "launches": "times on the stand-in are made up: that a launch returns at once, and what it "
    "costs, must be measured, as all speeds",
    "generators": "the stand-in draws with the CPU's algorithm from a state of its own; CUDA's "
    "generator is another one, whose state is put back by CUDA's functions",
    "memory": "the stand-in's memory is the host's: nothing counts its bytes, and when they do not "
    "suffice it is the host that stops",
    "triton": "a Triton kernel is compiled for CUDA; elsewhere it runs in Triton's interpreter",
    "graphs": "a CUDA graph is recorded by CUDA",
    "foreach_optimizers": "on CUDA torch updates all parameters with one kernel; the stand-in's "
    "tensors are a subclass, for which it goes parameter by parameter",
    "several_devices": "there is one stand-in, so that nothing shows that uses the first GPU where "
    "another was asked for",
    "loader_pins": "a DataLoader's pin_memory asks torch for an allocator that a backend in Python "
    "cannot have",
    "other_generator": "an operator of the CPU that is given the device's generator is refused by "
    "CUDA; here torch takes it for one of the CPU",
}  # fmt: skip
