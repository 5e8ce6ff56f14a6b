/** Whether this machine is used as it could be. */
@NullMarked
package dev.llamapanama.bench.doctor;

import org.jspecify.annotations.NullMarked;
