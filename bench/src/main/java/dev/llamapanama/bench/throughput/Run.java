package dev.llamapanama.bench.throughput;

import dev.llamapanama.bench.machine.Machine;
import dev.llamapanama.engine.LoadMode;
import java.util.Optional;

/**
 * What is the same in all rows of a run.
 *
 * @param machine what it runs on
 * @param buildCommit what takes the place of llama.cpp's release in {@code build_commit}
 * @param loadMode how models get into memory
 * @param command the arguments, as one would type them
 * @param ceilings what bounds the speed of each test
 */
record Run(Machine machine, Optional<String> buildCommit, LoadMode loadMode, String command, CeilingShares ceilings) {}
