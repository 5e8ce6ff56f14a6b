/**
 * JMH benchmarks, one idea per class, on tiny forged models, so that Java's share of the work shows.
 *
 * <p>Run them with {@code mvn -pl bench -am -Pjmh -DskipTests verify}, which writes {@code
 * bench/target/jmh-result.json}; {@code -Djmh.args="DecodeLoop -f 1"} chooses some of them.
 */
@NullMarked
package dev.llamapanama.bench.jmh;

import org.jspecify.annotations.NullMarked;
