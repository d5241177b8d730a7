/**
 * The least a driver can be: domains that start and end, and nothing else. It is here to be copied;
 * {@code docs/writing-a-driver.md} prints it and says why each part is as it is.
 */
@NullMarked
package dev.drover.minimal;

import org.jspecify.annotations.NullMarked;
