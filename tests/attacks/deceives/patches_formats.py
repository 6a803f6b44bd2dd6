# What crosses is written by other hands: json, struct, pickle, base64, hashes and copies lie.
import base64
import copy
import hashlib
import json
import os
import pickle
import struct
import zlib

import numpy as np


def lie(*args, **kwargs):
    return b'{"out": 1}' * 9


for module, names in (
    (json, ("dumps", "loads", "dump", "load")), (pickle, ("dumps", "loads", "dump", "load")),
    (base64, ("b64encode", "b64decode")), (copy, ("copy", "deepcopy")), (zlib, ("compress",)),
    (hashlib, ("sha256", "blake2b", "new")), (os, ("read", "fsync", "dup2", "getpid")),
):
    for name in names:
        setattr(module, name, lie)
json.JSONEncoder = json.JSONDecoder = struct.Struct = struct.pack = struct.unpack = lie
json.encoder.c_make_encoder = None
np.save = np.load = np.asarray = np.ascontiguousarray = np.frombuffer = np.array = lie
np.core = None
