"""RFC 5545, 5546, 6047 and 7986: calendar values to bytes, and answers back. Pure.

itip      one REQUEST or CANCEL for one person      feed      a PUBLISH file of many events
replies   REPLY and COUNTER read from a mail        sequence  when SEQUENCE must rise
lines, components, timezones                        how the bytes are made
"""
