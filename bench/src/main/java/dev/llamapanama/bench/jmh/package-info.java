/**
 * JMH benchmarks, one idea per class, on tiny forged models, so that Java's share of the work shows.
 *
 * <p>Run them with {@code mvn -pl bench -am -Pjmh -DskipTests verify}, which writes {@code
 * bench/target/benchmarks.jar} and {@code bench/target/jmh-result.json}; {@code -Djmh.args="Seam -f 3"} chooses some of
 * them. What each shows: {@code docs/jmh.md}.
 */
@NullMarked
package dev.llamapanama.bench.jmh;

import org.jspecify.annotations.NullMarked;
