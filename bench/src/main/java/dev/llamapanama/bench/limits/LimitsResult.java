package dev.llamapanama.bench.limits;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.llamapanama.bench.machine.Machine;

/**
 * One row of a limits run.
 *
 * @param ceiling its fields are the row's first
 * @param testTime start of the run, UTC
 * @param machine what it ran on
 * @param command the arguments that made it, as one would type them
 */
@JsonNaming(SnakeCaseStrategy.class)
record LimitsResult(@JsonUnwrapped Ceiling ceiling, String testTime, Machine machine, String command) {}
