"""What the tests' stand-in accelerator (tests/accelerator) cannot prove, each with the reason: what
`make gpu` looks at first. Nothing is run here."""

from __future__ import annotations

UNPROVEN = {
    "autocast": "which operators run in the short type, and that float16 then overflows where the "
    "course says, is decided by the device's own lists; the stand-in has short ones of its own",
    "float16 training with GradScaler": "the notebooks take float16 on CUDA alone; elsewhere, on "
    "the stand-in too, bfloat16, for which nothing is scaled",
    "TF32": "references are asked to compute in full single precision; on the stand-in there is no "
    "shorter way that could be taken instead",
    "tolerances": "the stand-in adds in the CPU's order. cuDNN and cuBLAS add in another, and not "
    "always in the same one: whether every reference stays within its tolerance shows there",
    "streams": "the stand-in has one queue. Whether a copy and a product run at the same time, or "
    "one of them too early, takes two",
    "pinned memory": "the stand-in remembers that memory is pinned and reads it late, but no page "
    "is locked: that PrefetchLoader pins for CUDA, and gains by it, shows on CUDA",
    "speed": "its times are made up: launches, transfers, products and which of two is faster must "
    "be measured",
    "out of memory": "its memory is the host's and has no end of its own: torch.cuda's numbers of "
    "bytes in notebook 12, and what happens when they do not suffice, are not there",
    "Triton": "a Triton kernel is compiled for CUDA; elsewhere it runs in Triton's interpreter",
    "CUDA graphs": "there is nothing to record",
    "foreach and fused optimizers": "torch updates all parameters with one kernel on CUDA; the "
    "stand-in's tensors are a subclass, for which it goes parameter by parameter",
    "cuDNN's kernels": "batch norm, convolution and dropout have kernels of CUDA's own, which draw "
    "and round in their own way; the stand-in runs the CPU's",
    "several devices": "there is one stand-in, so that nothing shows that uses the first GPU where "
    "another was asked for",
    "DataLoader with pin_memory": "its thread asks torch for a pinning allocator, which a backend "
    "in Python cannot have",
    "a CPU operator that is given the device's generator": "CUDA refuses it; here torch takes the "
    "stand-in's generator for one of the CPU",
}  # fmt: skip
