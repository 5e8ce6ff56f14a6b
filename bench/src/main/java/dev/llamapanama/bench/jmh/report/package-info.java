/** JMH's results as a table, and the check that nothing allocates more than it did. */
@NullMarked
package dev.llamapanama.bench.jmh.report;

import org.jspecify.annotations.NullMarked;
